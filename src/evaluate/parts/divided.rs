//! Methods that cut a list where a closure says so: `chunk_by`, `split` and their like.

use std::rc::Rc;

use crate::evaluate::{
    Evaluator,
    branch::Flow,
    iterator::with,
    method::Method,
    value::{Cell, Kind, List, Value},
    views::view,
};

/// An element, and whether the closure says yes of it.
type Marked = (bool, Value);

/// Cuts as the method of `std` does, by the answers of the closure.
fn cut<'m>(name: &str, most: usize, all: &'m [Marked]) -> Vec<&'m [Marked]> {
    let yes = |item: &Marked| item.0;
    match name {
        "chunk_by" => all.chunk_by(|_, next| next.0).collect(),
        "split_inclusive" => all.split_inclusive(yes).collect(),
        "splitn" => all.splitn(most, yes).collect(),
        "rsplit" => all.rsplit(yes).collect(),
        "rsplitn" => all.rsplitn(most, yes).collect(),
        _ => all.split(yes).collect(),
    }
}

impl Evaluator<'_> {
    /// Such a method; `None` for any other, and where it is not known where `&mut` parts are cut.
    pub(in crate::evaluate) fn list_divided(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let (name, lends) = match method.name.strip_suffix("_mut") {
            Some(name) => (name, true),
            None => (method.name, false),
        };
        let (most, run) = match (name, method.args.as_slice()) {
            ("chunk_by" | "split" | "split_inclusive" | "rsplit", [run]) => (0, run),
            ("splitn" | "rsplitn", [Value::Int(most), run]) => {
                (usize::try_from(*most).unwrap_or(usize::MAX), run)
            }
            _ => return Ok(None),
        };
        if list.kind != Kind::Sequence || list.open || list.is_loose() {
            return Ok(None);
        }
        let list = self.lent_list(target, list, lends);
        let mut marked = Vec::with_capacity(list.items.len());
        let mut before: Option<&Value> = None;
        for item in &list.items {
            let args = match (name, before.replace(item)) {
                ("chunk_by", None) => {
                    marked.push((true, item.clone()));
                    continue;
                }
                ("chunk_by", Some(before)) => vec![before.clone(), item.clone()],
                _ => vec![item.clone()],
            };
            match self.call(run, args, method.at)?.bare() {
                Value::Bool(yes) => marked.push((yes, item.clone())),
                _ if lends => return Ok(None),
                _ => {
                    let part = self.some_of(&list);
                    let part = self.perhaps_element(&part);
                    return Ok(Some(with(vec![part], true)));
                }
            }
        }
        let parts = cut(name, most, &marked).into_iter().map(|part| {
            let items: Vec<Value> = part.iter().map(|(_, item)| item.clone()).collect();
            if lends { view(&items) } else { with(items, false) }
        });
        Ok(Some(Value::list(parts.collect())))
    }
}
