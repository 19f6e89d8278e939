"""The admin API's bodies, its rules, and its documentation."""
