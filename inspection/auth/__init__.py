"""账户与权限: accounts, roles, scope, sessions, tokens. Default deny."""
