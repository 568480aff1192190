"""Sample data that people could really have posted and made."""
