//! Collections, pointers and locks that a function of their own type makes: empty, by default, or of what they are given.

use std::rc::Rc;

use crate::{
    evaluate::{
        Evaluator,
        default::{is_collection, is_holder},
        entry::DEFAULT,
        lock::{is_lock, kind_of},
        value::{Term, Value},
    },
    link::types::Ty,
    source::Place,
};

impl Evaluator<'_> {
    /// What such a function makes; `None` for another.
    pub(super) fn made_by_its_type(
        &mut self,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let (owner, name) = term.path.rsplit_once("::")?;
        match (name, args) {
            // How keys are told apart is the same for every hasher.
            ("new" | "with_capacity" | "with_hasher" | "with_capacity_and_hasher", _)
                if is_collection(owner) =>
            {
                Some(self.of_collection(Value::list(Vec::new()), owner))
            }
            ("from" | "from_iter", [given]) if is_collection(owner) => {
                Some(match self.iterated(given) {
                    Some(list) if name == "from_iter" => {
                        self.went_through_all(&list);
                        self.of_collection(Value::List(list), owner)
                    }
                    _ => match given.bare() {
                        list @ Value::List(_) => self.of_collection(list, owner),
                        _ => given.clone(),
                    },
                })
            }
            ("default", []) => self.default_by_path(owner, &term.generics, at),
            _ => None,
        }
    }

    /// `HashMap::default()`, `Arc::<Mutex<Vec<…>>>::default()`. The type arguments are often those that are asked for.
    fn default_by_path(&mut self, owner: &str, given: &[Ty], at: Place) -> Option<Value> {
        let is_plain = matches!(owner, "std::option::Option" | "std::string::String");
        if !(is_plain || is_collection(owner) || is_holder(owner)) {
            return None;
        }
        let args = match &self.expected {
            _ if !given.is_empty() => given.to_vec(),
            Some(Ty::External(path, args)) if **path == *owner => args.clone(),
            _ => Vec::new(),
        };
        if args.is_empty() && is_holder(owner) {
            // What is inside tells what it is by how it is used.
            let held = Value::term(DEFAULT, Some(Vec::new()), at);
            return Some(if is_lock(owner) { held.locked(kind_of(owner)) } else { held });
        }
        match self.default_of(&Ty::External(owner.into(), args), at) {
            Value::Unknown(_) => None,
            made => Some(made),
        }
    }
}
