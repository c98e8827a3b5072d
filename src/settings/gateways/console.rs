use super::{IRAN, Kind, LineDefaults, Read};
use crate::document::Shape;
use crate::settings::model::Which;

static SHAPE: Shape = Shape { name: "[gateway.console]", keys: provider_keys![] };

pub(super) static KIND: Kind = Kind {
    name: "console",
    shape: &SHAPE,
    needs: "nothing",
    read: |_, _, _| Some(Read { which: Which::Console, holds_secret: false }),
    secrets: &[],
    line: LineDefaults { free: true, ..IRAN },
};
