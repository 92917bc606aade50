"""`python -m zoufang.site COMMAND …` is `zoufang COMMAND …`."""

from zoufang.site.cli import main

main()
