"""抽取: committed, revealed, recorded, published, replayed."""
