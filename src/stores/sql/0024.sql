-- What tools of MCP servers may say of themselves: models read it. `digest` is the SHA-256 of it, in hex.
CREATE TABLE accepted_tools (
  tenant TEXT NOT NULL,
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  digest TEXT NOT NULL,
  by TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant, server, tool)
) STRICT;
