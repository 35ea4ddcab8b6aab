"""A model card: what is known of a version on one page of HTML that can be printed."""
