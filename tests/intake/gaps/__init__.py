"""What the region lacks, told without telling of anybody."""
