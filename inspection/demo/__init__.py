"""演示: the main job on real input, through the real services, every product marked 演示."""
