"""A scripted model vendor over real HTTP in the formats of OpenAI, Anthropic and Google, good and bad."""
