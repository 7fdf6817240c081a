//! A slow model of the design's numbers, and random histories that compare the server with it.
