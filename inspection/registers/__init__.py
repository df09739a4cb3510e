"""名录库: regions, enterprises, inspectors, laboratories, item lists, products, limits."""
