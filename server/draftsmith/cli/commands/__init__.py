"""One module per command, or per two that differ in a word. `cli.app` names them all."""
