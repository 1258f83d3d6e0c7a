WEEKDAY_FORMAT = "l, F j"  # Tuesday, March 16
SHORT_WEEKDAY_FORMAT = "D, M j"  # Tue, Mar 16
