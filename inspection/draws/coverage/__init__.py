"""覆盖测算: how many draws until everyone has been visited, from the register or from typed numbers; nothing is stored."""
