"""One technology each, named by it: foreign shapes and foreign errors end here."""
