"""What a draw has shown 抽取结果的统计: rates from the real inclusion probabilities, response, teams, days to publication."""
