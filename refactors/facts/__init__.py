"""What one file says by itself: definitions, imports, classes, uses; a record that depends on nothing but its bytes."""
