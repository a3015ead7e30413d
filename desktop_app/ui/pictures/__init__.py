"""Pictures of slides for reports: what goes into them, and how they are made."""
