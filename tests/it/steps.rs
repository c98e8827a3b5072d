//! What a step may be: its time, its two ways, its deeds, its texts.

mod arms;
mod asks;
mod deeds;
mod news;
mod staff;
mod time;
mod ways;
