"""非抽取任务 targeted: visits opened without a draw – a complaint, an order from above, a special or a key inspection."""
