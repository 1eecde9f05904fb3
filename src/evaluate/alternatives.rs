//! Text of which several readings are possible: each is followed on its own.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::{Guard, Guards},
    relevance::sql_words::begins,
    text::{Piece, Text},
    types::pointee,
    value::{Draft, FnValue, Query, Value, cell},
};
use crate::{
    link::{
        DefId, Target,
        types::{Bound, Ty},
    },
    sql,
    syntax::tree::{ItemKind, Name},
};

/// More readings of one text than this are not told apart.
const MOST: usize = 24;

impl<'p> Evaluator<'p> {
    /// Runs `call` once for each reading of the first argument that has several; `None` when none has.
    ///
    /// Only text and functions count: what a library is given of them decides what it does.
    pub(super) fn for_each_reading(
        &mut self,
        args: &[Value],
        call: impl Fn(&mut Self, Vec<Value>) -> Eval,
    ) -> Option<Eval> {
        let (position, all) = args.iter().enumerate().find_map(|(position, arg)| {
            let Value::Alt(all) = arg.bare() else { return None };
            let readable = |value: &Value| matches!(value.bare(), Value::Str(_) | Value::Query(_));
            (all.len() <= MOST && all.iter().any(|(_, value)| readable(value)))
                .then_some((position, all))
        })?;
        let condition = self.fresh_condition();
        let call = &call;
        let arms: Vec<Arm<'_, 'p>> = all
            .iter()
            .zip(0u16..)
            .map(|((guards, value), arm)| {
                let (guards, mut args) = (guards.clone(), args.to_vec());
                if let Some(place) = args.get_mut(position) {
                    *place = value.clone();
                }
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e: &mut Self| {
                    let Some(both) = e.guards.and(&guards) else { return Err(Flow::Return) };
                    e.guards = both;
                    call(e, args)
                });
                (Guard { condition, arm }, run)
            })
            .collect();
        Some(self.branch(arms))
    }

    /// One text after another, for every combination of their readings.
    pub(super) fn joined_texts(&mut self, parts: &[Value]) -> Value {
        let mut all: Vec<(Guards, Text)> = vec![(Guards::default(), Text::default())];
        for part in parts {
            let readings = readings(&self.displayed(part));
            if all.len() * readings.len() > MOST {
                for (_, text) in &mut all {
                    *text = text.then(&Text::hole());
                }
                continue;
            }
            let mut next = Vec::with_capacity(all.len() * readings.len());
            for (guards, text) in &all {
                for (more, piece) in &readings {
                    if let Some(both) = guards.and(more) {
                        next.push((both, text.then(piece)));
                    }
                }
            }
            all = next;
        }
        let all = all.into_iter().map(|(guards, text)| (guards, Value::Str(text)));
        self.join(all.collect())
    }

    /// Remembers SQL that is put into a field: a method of a value made elsewhere runs it.
    pub(super) fn store(&mut self, def: DefId, name: &Name, value: &Value) {
        let is_sql = match value.bare() {
            // What only speaks of a write is none.
            Value::Str(text) => {
                let text = text.shown("{}");
                let is_word = !text.trim().contains(char::is_whitespace);
                sql::looks_like_write(&text) && (is_word || begins(&text))
            }
            Value::Query(query) => matches!(query.draft, Draft::Sql(..)),
            _ => false,
        };
        if !is_sql {
            return;
        }
        let known = self.stored.entry((def, name.clone())).or_default();
        if known.len() < MOST && !known.iter().any(|one| same_sql(one, value)) {
            known.push(value.bare());
        }
    }

    /// The SQL that a field of a value which is not known may hold.
    pub(super) fn stored_in(&mut self, def: DefId, name: &Name) -> Option<Value> {
        let known = self.stored.get(&(def, name.clone()))?.clone();
        let condition = self.fresh_condition();
        let each = known.into_iter().zip(0u16..).map(|(value, arm)| {
            (Guards::default().with(Guard { condition, arm }).unwrap_or_default(), value)
        });
        let each: Vec<_> = each.collect();
        Some(self.join(each))
    }

    /// What `{}` and `to_string` make of a value: a type of the tree shows itself as its `Display` says.
    pub(super) fn displayed(&mut self, value: &Value) -> Value {
        let bare = value.bare();
        if let Value::Alt(all) = &bare {
            let each: Vec<_> =
                all.iter().map(|(guards, value)| (guards.clone(), self.displayed(value))).collect();
            return self.join(each);
        }
        if let Some(text) = bare.text() {
            return Value::Str(text);
        }
        let shown = self.display_of(&bare).and_then(|show| {
            let out = cell(Value::Str(Text::default()));
            let args = vec![bare.clone(), Value::Ref(out.clone())];
            self.call(&show, args, self.current).ok()?;
            let text = out.borrow().bare();
            is_text(&text).then_some(text)
        });
        shown.unwrap_or_else(|| Value::Str(Text::hole()))
    }

    fn display_of(&self, value: &Value) -> Option<Value> {
        let ty = self.type_of(value);
        let ty = pointee(&ty).clone();
        let Ty::Def(..) = &ty else { return None };
        let def = self.program.assoc_of(&ty.head()?, "fmt").into_iter().find(|id| {
            let parent = self.program.def(*id).parent;
            let of = parent.and_then(|parent| self.program.trait_of(parent));
            matches!(of, Some(Target::External(path)) if &*path == "std::fmt::Display")
        })?;
        Some(Value::Fn(Rc::new(FnValue { def, self_ty: Some(ty), generics: Vec::new() })))
    }

    /// What a trait's constant or function is in everything that implements one of the traits that bound a type.
    pub(super) fn member_of_bounds(&mut self, bounds: &[Bound], name: &str) -> Option<Value> {
        let condition = self.fresh_condition();
        let mut each = Vec::new();
        for (id, arm) in self.methods_of_bounds(bounds, name).into_iter().zip(0u16..) {
            let def = self.program.def(id);
            let value = match &def.item.kind {
                ItemKind::Const { value: Some(_), .. } => self.constant(id),
                ItemKind::Fn(item) if item.body.is_some() => {
                    let parent =
                        def.parent.filter(|parent| self.program.trait_of(*parent).is_some());
                    let self_ty = parent.and_then(|parent| self.program.self_type(parent));
                    Value::Fn(Rc::new(FnValue { def: id, self_ty, generics: Vec::new() }))
                }
                _ => continue,
            };
            let guards = Guards::default().with(Guard { condition, arm }).unwrap_or_default();
            each.push((guards, value));
        }
        (!each.is_empty()).then(|| self.join(each))
    }
}

/// Whether two values are the same text or statement.
fn same_sql(a: &Value, b: &Value) -> bool {
    match (a, b.bare()) {
        (Value::Str(a), Value::Str(b)) => *a == b,
        (Value::Query(a), Value::Query(b)) => a.number == b.number,
        _ => false,
    }
}

/// Whether a value is a string, or one of several values of which some are.
pub(super) fn is_text(value: &Value) -> bool {
    match value.bare() {
        Value::Str(_) => true,
        Value::Alt(all) => all.iter().any(|(_, value)| is_text(value)),
        _ => false,
    }
}

/// Beginnings of too many texts that are told apart.
const MOST_BEGINNINGS: usize = 8;

/// One value for too many alternatives: strings, or states of one statement, as far as they agree.
pub(super) fn merged(all: &[(Guards, Value)]) -> Option<Value> {
    let texts: Option<Vec<(&Guards, Text)>> = all
        .iter()
        .map(|(guards, value)| match value {
            Value::Str(text) => Some((guards, text.clone())),
            _ => None,
        })
        .collect();
    if let Some(texts) = texts {
        return Some(several(agreed(&texts).into_iter(), Value::Str));
    }
    let Value::Query(first) = &all.first()?.1 else { return None };
    let Draft::Sql(_, dialect) = &first.draft else { return None };
    let texts: Option<Vec<(&Guards, Text)>> = all
        .iter()
        .map(|(guards, value)| match value {
            Value::Query(query) if query.number == first.number => match &query.draft {
                Draft::Sql(text, _) => Some((guards, text.clone())),
                _ => None,
            },
            _ => None,
        })
        .collect();
    Some(several(agreed(&texts?).into_iter(), |text| {
        let draft = Draft::Sql(text, *dialect);
        Value::Query(Rc::new(Query { draft, ..(**first).clone() }))
    }))
}

/// A value made of each of some texts.
fn several(
    texts: impl ExactSizeIterator<Item = (Guards, Text)>,
    made: impl Fn(Text) -> Value,
) -> Value {
    let is_one = texts.len() == 1;
    let mut all: Vec<(Guards, Value)> = texts.map(|(guards, text)| (guards, made(text))).collect();
    match all.pop() {
        Some((_, only)) if is_one => only,
        last => {
            all.extend(last);
            Value::Alt(Rc::new(all))
        }
    }
}

/// What texts begin and end with alike, with a hole between: one for each beginning, if those are few. A list that is
/// filtered in many ways is counted by one query and read by another.
fn agreed(texts: &[(&Guards, Text)]) -> Vec<(Guards, Text)> {
    let mut groups: Vec<Vec<&(&Guards, Text)>> = Vec::new();
    for one in texts {
        let begins = |group: &&mut Vec<&(&Guards, Text)>| {
            group.first().is_some_and(|first| first.1.pieces().first() == one.1.pieces().first())
        };
        match groups.iter_mut().find(begins) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
        if groups.len() > MOST_BEGINNINGS {
            groups = vec![texts.iter().collect()];
            break;
        }
    }
    let one = |group: Vec<&(&Guards, Text)>| {
        let guards = group.iter().map(|(guards, _)| (*guards).clone());
        let guards = guards.reduce(|all, one| all.shared(&one)).unwrap_or_default();
        let texts: Vec<&Text> = group.iter().map(|(_, text)| text).collect();
        (guards, alike(&texts))
    };
    groups.into_iter().map(one).collect()
}

/// What texts begin and end with alike, with a hole between.
fn alike(texts: &[&Text]) -> Text {
    let Some((first, rest)) = texts.split_first() else { return Text::hole() };
    if rest.is_empty() {
        return (*first).clone();
    }
    let pieces = first.pieces();
    let shared =
        |other: &Text| pieces.iter().zip(other.pieces()).take_while(|(a, b)| a == b).count();
    let front = rest.iter().copied().map(shared).min().unwrap_or(pieces.len());
    let room = texts.iter().map(|text| text.pieces().len() - front).min().unwrap_or(0);
    let shared = |other: &Text| {
        pieces.iter().rev().zip(other.pieces().iter().rev()).take_while(|(a, b)| a == b).count()
    };
    let back = rest.iter().copied().map(shared).min().unwrap_or(0).min(room);
    let of = |pieces: &[Piece]| Text::of(pieces.to_vec());
    let head = of(pieces.get(..front).unwrap_or_default());
    let tail = of(pieces.get(pieces.len() - back..).unwrap_or_default());
    head.then(&Text::hole()).then(&tail)
}

/// What a value says as text, with the choice under which it says so.
fn readings(value: &Value) -> Vec<(Guards, Text)> {
    match value.bare() {
        Value::Alt(all) => all
            .iter()
            .map(|(guards, value)| (guards.clone(), value.text().unwrap_or_else(Text::hole)))
            .collect(),
        value => vec![(Guards::default(), value.text().unwrap_or_else(Text::hole))],
    }
}
