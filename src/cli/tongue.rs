//! The language of an answer, as the command line takes it.

use clap::ValueEnum;

use crate::campaign::model::Language;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tongue {
    Fa,
    En,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Language {
        match tongue {
            Tongue::Fa => Language::Persian,
            Tongue::En => Language::English,
        }
    }
}
