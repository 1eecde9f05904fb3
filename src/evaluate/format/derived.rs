//! What `{:?}` makes of a variant that holds nothing, where its type derives `Debug`: its name.

use crate::{
    evaluate::{Evaluator, text::Text, value::Value},
    syntax::tree::ItemKind,
};

impl Evaluator<'_> {
    /// What `{:spec}` makes of a value, where each of those that it may be is such a variant.
    pub(super) fn debugged(&mut self, value: &Value, spec: &str) -> Option<Value> {
        if !matches!(spec.trim(), "?" | "#?") {
            return None;
        }
        let mut all = true;
        let shown = self.each_way(value, &mut |e, value| {
            let name = e.name_of_variant(value);
            all &= name.is_some();
            Value::Str(name.map_or_else(Text::hole, |name| Text::known(&name)))
        });
        all.then_some(shown)
    }

    fn name_of_variant(&self, value: &Value) -> Option<String> {
        let Value::Object(object) = value.bare() else { return None };
        let def = self.program.def(object.def);
        let ItemKind::Enum { variants, .. } = &def.item.kind else { return None };
        let variant = variants.get(object.variant? as usize)?;
        let holds_nothing = variant.fields.is_empty();
        (holds_nothing && self.derives(&value.bare(), "Debug")).then(|| variant.name.to_string())
    }
}
