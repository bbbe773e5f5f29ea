"""Results of test runs: what runners print or write, read into one shape, and two runs compared.

One file for each format, pure functions over bytes or text. Everything read here may be hostile: all is bounded, no XML
entity is expanded, and what cannot be read gives no report rather than an error. Nothing is run here.
"""
