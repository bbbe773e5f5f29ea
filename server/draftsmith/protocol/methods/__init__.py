"""Parameters and results of the methods, one file per noun. `registry` lists them all."""
