//! Methods that put elements to the end of a list or take some out, by what closures say that are given places of it.

use std::rc::Rc;

use crate::evaluate::{
    Evaluator,
    branch::Flow,
    elements::there,
    iterator::extend,
    keys::compared,
    loops::MOST_ELEMENTS,
    method::Method,
    value::{Cell, Kind, List, Value},
    views::range_of,
};

impl Evaluator<'_> {
    /// `resize`, `leak`, `dedup` and their like; `None` for any other, and where it is not known what becomes of the list.
    pub(in crate::evaluate) fn list_sized(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        if list.kind != Kind::Sequence {
            return Ok(None);
        }
        let (len, given) = match (method.name, method.args.as_slice()) {
            ("leak", []) => return Ok(Some(Value::Ref(target.clone()))),
            ("dedup", []) | ("dedup_by" | "dedup_by_key", [_]) => {
                return self.deduplicated(target, list, method).map(Some);
            }
            ("extend_from_within", [range]) => {
                let range = range_of(range, list.items.len());
                let more = range.and_then(|(from, to)| list.items.get(from..to));
                let Some(more) = more.filter(|_| !list.open && !list.is_loose()) else {
                    return Ok(None);
                };
                let mut items = list.items.clone();
                let fits = extend(&mut items, &more.iter().map(Value::copied).collect::<Vec<_>>());
                self.write(target, Value::List(Rc::new(List { items, open: !fits, ..**list })));
                return Ok(Some(Value::Unit));
            }
            ("resize" | "resize_with", [len, given]) => (len.bare(), given),
            _ => return Ok(None),
        };
        let len = match len {
            Value::Int(len) => usize::try_from(len).ok().filter(|len| *len <= MOST_ELEMENTS),
            _ => None,
        };
        let Some(len) = len.filter(|_| !list.open && !list.is_loose()) else { return Ok(None) };
        let mut items = list.items.clone();
        self.taken += u64::from(len < items.len());
        items.truncate(len);
        while items.len() < len {
            items.push(match method.name {
                "resize" => given.copied(),
                _ => self.call(given, Vec::new(), method.at)?,
            });
        }
        self.write(target, list.holding(items));
        Ok(Some(Value::Unit))
    }

    /// Of neighbours that are the same the first stays. What is not known to be the same as its neighbour is there perhaps.
    fn deduplicated(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Value, Flow> {
        let at = method.at;
        let list = self.lent_list(target, list, method.name != "dedup");
        let mut is_told = !list.open && !list.is_loose();
        let mut kept: Vec<Value> = Vec::new();
        let mut before: Option<Value> = None;
        for item in &list.items {
            let inner = there(item).map_or(item, |(_, inner)| inner).clone();
            let args = match (method.name, &before) {
                ("dedup_by", Some(before)) => vec![inner.clone(), before.clone()],
                ("dedup_by_key", _) => vec![inner.clone()],
                _ => Vec::new(),
            };
            let made = match method.args.first().filter(|_| !args.is_empty()) {
                // With what it meets is not known either.
                Some(run) if !is_told => self.perhaps_run(|e| e.call(run, args, at))?,
                Some(run) => self.call(run, args, at)?,
                None => inner.clone(),
            };
            let is_same = match (method.name, &before) {
                (_, None) => Value::Bool(false),
                ("dedup_by", _) => made.bare(),
                (_, Some(before)) => compared("==", &made, before).unwrap_or_else(Value::unknown),
            };
            match is_same {
                Value::Bool(true) if is_told => continue,
                Value::Bool(false) if is_told || kept.is_empty() => kept.push(item.clone()),
                _ => {
                    is_told = false;
                    kept.push(self.perhaps_element(item));
                }
            }
            before = Some(if method.name == "dedup_by" { inner } else { made });
        }
        self.taken += u64::from(kept.len() < list.items.len());
        let unsure = list.unsure || !is_told && kept.len() > 1;
        self.write(target, Value::List(Rc::new(List { items: kept, unsure, ..*list })));
        Ok(Value::Unit)
    }
}
