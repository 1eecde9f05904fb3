//! A rule's template and what its pattern bound to the text of the expansion.

use std::collections::BTreeMap;

use super::ExpandError;
use super::opaque::{Fragment, Kind, MARK_LENGTH};
use crate::source::{Expansion, Moves, Span, Taken};

/// What a rule writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Template {
    /// Text as written, comments left out.
    Text(String),
    /// `$name`.
    Variable(String),
    /// `$crate`.
    Crate,
    /// `$(…) separator op`.
    Repeat {
        /// What repeats.
        body: Vec<Template>,
        /// The text between two.
        separator: String,
    },
}

/// What a variable of a pattern stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bound {
    /// A fragment.
    One(Fragment),
    /// One for each turn of the repetition it stands in.
    Many(Vec<Bound>),
}

/// Variables by name.
pub(super) type Bounds = BTreeMap<String, Bound>;

/// Writes `template` with the variables of `bound`.
pub(super) fn transcribe(
    template: &[Template],
    bound: &Bounds,
    crate_path: &str,
    longest: usize,
) -> Result<Expansion, ExpandError> {
    let mut writer = Writer {
        out: String::new(),
        taken: Vec::new(),
        crate_path,
        longest,
        marks: forwards(template),
        end: None,
    };
    let scope = bound.iter().map(|(name, bound)| (name.as_str(), bound)).collect();
    writer.write(template, &scope)?;
    Ok(Expansion { text: writer.out, taken: writer.taken, moves: Moves::default() })
}

struct Writer<'a> {
    out: String,
    taken: Vec<Taken>,
    crate_path: &'a str,
    longest: usize,
    /// Whether fragments may be given to another macro, to which they are one token.
    marks: bool,
    /// Where in the arguments what was written last ended, if it touches what follows there.
    end: Option<usize>,
}

/// Whether a template calls macros.
fn forwards(template: &[Template]) -> bool {
    template.iter().any(|part| match part {
        Template::Text(text) => text.contains('!'),
        Template::Repeat { body, .. } => forwards(body),
        Template::Variable(_) | Template::Crate => false,
    })
}

impl Writer<'_> {
    fn write(
        &mut self,
        template: &[Template],
        scope: &BTreeMap<&str, &Bound>,
    ) -> Result<(), ExpandError> {
        for part in template {
            match part {
                Template::Text(text) => self.push(text)?,
                Template::Crate => {
                    let path = self.crate_path;
                    self.push(path)?;
                }
                Template::Variable(name) => match scope.get(name.as_str()) {
                    Some(Bound::One(fragment)) => self.fragment(fragment)?,
                    Some(Bound::Many(_)) => return Err(ExpandError::Repetition(name.clone())),
                    // A macro that writes macros: the variable is one of the inner macro's.
                    None => {
                        self.push("$")?;
                        self.out.push_str(name);
                    }
                },
                Template::Repeat { body, separator } => self.repeat(body, separator, scope)?,
            }
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        body: &[Template],
        separator: &str,
        scope: &BTreeMap<&str, &Bound>,
    ) -> Result<(), ExpandError> {
        let mut names = Vec::new();
        variables(body, &mut names);
        let mut turns = None;
        for name in &names {
            if let Some(Bound::Many(many)) = scope.get(name) {
                if turns.is_some_and(|turns| turns != many.len()) {
                    return Err(ExpandError::Repetition((*name).to_owned()));
                }
                turns = Some(many.len());
            }
        }
        let Some(turns) = turns else {
            return Err(ExpandError::Repetition(
                names.first().copied().unwrap_or_default().to_owned(),
            ));
        };
        for turn in 0..turns {
            if turn > 0 && !separator.is_empty() {
                self.push(separator)?;
            }
            let inner = scope.iter().map(|(name, bound)| {
                let bound = match bound {
                    Bound::Many(many) if names.contains(name) => many.get(turn).unwrap_or(bound),
                    bound => bound,
                };
                (*name, bound)
            });
            self.write(body, &inner.collect())?;
        }
        Ok(())
    }

    /// Tokens that touch in the call touch in the expansion: a macro may print them.
    fn fragment(&mut self, fragment: &Fragment) -> Result<(), ExpandError> {
        let is_own = fragment.is_seen_into();
        let touches = is_own && self.end == Some(fragment.start);
        let is_marked = self.marks && !is_own;
        if is_marked {
            self.push(&fragment.marked())?;
        } else if touches && self.out.len() + fragment.text.len() <= self.longest {
            self.out.push_str(&fragment.text);
        } else {
            self.push(&fragment.text)?;
        }
        self.end = (fragment.kind == Kind::Touching).then_some(fragment.end);
        let behind = if is_marked { MARK_LENGTH } else { 0 };
        let start = self.out.len().saturating_sub(behind + fragment.text.len()) + fragment.lead;
        let length = fragment.end - fragment.start;
        let bytes = [start, start + length, fragment.start].map(u32::try_from);
        if let [Ok(start), Ok(end), Ok(from)] = bytes
            && length > 0
        {
            self.taken.push(Taken { at: Span::new(start, end), from });
        }
        Ok(())
    }

    fn push(&mut self, text: &str) -> Result<(), ExpandError> {
        self.end = None;
        if self.out.len() + text.len() + 1 > self.longest {
            return Err(ExpandError::TooLarge);
        }
        if !self.out.is_empty() && !self.out.ends_with('{') && !text.starts_with('}') {
            self.out.push(' ');
        }
        self.out.push_str(text);
        Ok(())
    }
}

fn variables<'t>(template: &'t [Template], names: &mut Vec<&'t str>) {
    for part in template {
        match part {
            Template::Variable(name) => names.push(name),
            Template::Repeat { body, .. } => variables(body, names),
            Template::Text(_) | Template::Crate => {}
        }
    }
}
