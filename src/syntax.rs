//! Text to our own tree of one file, bodies left unread. `syn` types go no further than this folder.

pub mod tree;
