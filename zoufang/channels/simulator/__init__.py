"""
A gateway for short messages to try everything with, and to test against: `zoufang sms-gateway --port 8025`.

It speaks the contract of docs/how-to/sms-gateway.md over HTTP, as a process of its own that knows no database. What it
sends in may come twice, in parts, out of order, late or not at all: there is a switch for each.
"""
