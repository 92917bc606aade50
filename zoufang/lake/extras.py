"""The packages that only the lake needs. They are not installed unless somebody asks for them."""

import re
import shutil
import subprocess
from importlib.util import find_spec
from os import environ
from pathlib import Path

from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid

# Which `make install-…` brings a package along.
_INSTALLED_BY = {"pyarrow": "lake", "duckdb": "lake", "pyspark": "spark"}
_OLDEST_JAVA = 17


def needed(package: str) -> None:
    """
    Make sure that `package` is installed.

    :raises Invalid: if it is not, with what to do about it.
    """
    if find_spec(package) is None:
        extra = _INSTALLED_BY[package]
        raise Invalid(
            _("没有安装 %(package)s。请在程序目录中运行 make install-%(extra)s。")
            % {"package": package, "extra": extra}
        )


def java_needed() -> None:
    """
    Make sure that there is a Java that Spark runs on.

    :raises Invalid: if there is none or it is too old, with what to do about it.
    """
    home = environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else "java"
    if shutil.which(java) is None:
        raise Invalid(
            _("Spark 需要 Java %(oldest)d 或更高版本，本机没有。Debian 上请运行 apt install openjdk-17-jre-headless。")
            % {"oldest": _OLDEST_JAVA}
        )
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        raise Invalid(
            _("Spark 需要 Java %(oldest)d 或更高版本，%(java)s 不是。请安装后把 JAVA_HOME 指向它。")
            % {"oldest": _OLDEST_JAVA, "java": java}
        )
