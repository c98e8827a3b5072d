//! What a step may be: its time, its two ways, its deeds, its texts.

mod time;
mod ways;
