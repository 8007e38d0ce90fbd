"""The entry point that PlatformIO Core calls: hands over to pip's SCons."""

import sys

try:
    from SCons.Script.Main import main
except ImportError:
    sys.exit(f"SCons is missing in {sys.executable}: pip install scons==4.11.1")

if __name__ == "__main__":
    sys.exit(main())
