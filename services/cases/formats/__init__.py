"""What cases tells, in the formats that people take away: tables and pages."""
