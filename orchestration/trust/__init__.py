"""`steelyard trust`: what people know and no check can see, as rows of the registry."""
