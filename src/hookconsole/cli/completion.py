"""`completion`: the script that teaches a shell to complete hookconsole's commands, endpoints and types."""

import argparse

from hookconsole.cli.output import say
from hookconsole.paths import Home


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell that the script is for")
    parser.epilog = """\
to install it, for the shell that you use:
  bash   echo 'eval "$(hookconsole completion bash)"' >> ~/.bashrc
  zsh    echo 'eval "$(hookconsole completion zsh)"' >> ~/.zshrc   # after the line with compinit
  fish   hookconsole completion fish > ~/.config/fish/completions/hookconsole.fish
"""


def run(args: argparse.Namespace, home: Home) -> int:
    """Print the script."""
    from argcomplete.shell_integration import shellcode

    # Without the default that falls back to file names: an endpoint's name isn't one.
    script = shellcode(["hookconsole"], use_defaults=False, shell=args.shell).strip("\n")
    for line in script.split("\n"):
        say(line)
    return 0
