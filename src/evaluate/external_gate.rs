//! Gates whose source is not in the tree: what they register is known from where the contract says their arguments
//! stand.

use std::{cell::Cell as StdCell, rc::Rc};

use super::{
    Evaluator, Positions,
    effect::Argument,
    router::{Frame, Handle, Methods, Mount, Op},
    text::Text,
    value::Value,
};
use crate::{link::Target, source::Place, syntax::tree::ItemKind};

/// What a gate registers on.
enum Onto {
    /// A router that it is given and gives back.
    Given(Handle),
    /// A router that it changes in place.
    Place(super::value::Cell, Handle),
}

impl Evaluator<'_> {
    /// Whether the contract names `target` as a gate function.
    pub(super) fn is_gate(&self, target: &Target) -> bool {
        self.declared.gates.iter().any(|gate| self.program.matches(&gate.name, target))
    }

    /// The gate that a method of no known type is: one of a trait outside the tree that is in scope here.
    pub(super) fn external_method_gate(&self, name: &str) -> Option<String> {
        let mut gates = self.declared.gates.iter().map(|gate| gate.name.trim());
        let found = gates.find(|gate| match gate.rsplit_once("::") {
            Some((of_trait, last)) => {
                last == name && self.program.brings_in(self.scope.module, of_trait)
            }
            None => *gate == name,
        });
        found.map(str::to_owned)
    }

    /// What a gate outside the tree makes of its arguments; `None` when the contract does not say where they stand.
    pub(super) fn external_gate(&mut self, path: &str, args: &[Value], at: Place) -> Option<Value> {
        let target = Target::External(path.into());
        let mut gates = self.declared.gates.iter();
        let positions = gates.find(|gate| {
            (gate.name == path || self.program.matches(&gate.name, &target))
                && gate.positions.route.or(gate.positions.handler).is_some()
        })?;
        let positions = positions.positions;
        let arg = |at: Option<usize>| at.and_then(|at| args.get(at));
        let onto = args.iter().enumerate().find_map(|(number, arg)| {
            if Some(number) == positions.handler {
                return None;
            }
            match (arg, arg.bare()) {
                (Value::Ref(place), Value::Router(handle)) => {
                    Some(Onto::Place(super::target_of(place), handle))
                }
                (_, Value::Router(handle)) => Some(Onto::Given(handle)),
                _ => None,
            }
        });
        let frame = Frame {
            callee: target,
            at: self.program.sources().real(at),
            arguments: self.operation_given(arg(positions.operation)),
            registers: StdCell::new(true),
            parent: self.frame.clone(),
            depth: self.frame.as_ref().map_or(0, |frame| frame.depth + 1),
        };
        let outer = self.frame.replace(Rc::new(frame));
        let made = self.register_at(&positions, args, onto.as_ref(), at);
        self.frame = outer;
        let made = made?;
        Some(match onto {
            Some(Onto::Place(place, _)) => {
                self.write(&place, made);
                Value::Ref(place)
            }
            _ => made,
        })
    }

    fn register_at(
        &mut self,
        positions: &Positions,
        args: &[Value],
        onto: Option<&Onto>,
        at: Place,
    ) -> Option<Value> {
        let arg = |at: Option<usize>| at.and_then(|at| args.get(at)).cloned();
        let handler = arg(positions.handler).unwrap_or_else(Value::unknown);
        let path = arg(positions.route).and_then(|path| path.text()).unwrap_or_else(Text::hole);
        let methods = arg(positions.method).map(|method| self.methods_of(&method));
        let onto = onto.map(|onto| match onto {
            Onto::Given(handle) | Onto::Place(_, handle) => handle,
        });
        let inner = match (handler.bare(), &methods) {
            // A method router knows its methods itself.
            (Value::Router(handle), None) => handle,
            (_, methods) => {
                let kind = onto.map(|handle| handle.kind).or_else(|| self.usual_router())?;
                let methods = methods.clone().unwrap_or(Methods::Unknown);
                let op = Op::Handler { methods, handler, catch_all: false };
                let Value::Router(handle) = self.operate(kind, None, op, at) else { return None };
                handle
            }
        };
        let kind = onto.map_or(inner.kind, |handle| handle.kind);
        let op = Op::At { path, inner: inner.node, mount: Mount::Route };
        Some(self.operate(kind, onto, op, at))
    }

    /// The kind of router of the one framework that the package depends on.
    fn usual_router(&self) -> Option<super::RouterKind> {
        let krate = self.program.crate_of(self.scope.module);
        let package = self.packages.get(self.program.krate(krate).package)?;
        let mut names = package.dependencies.iter().map(|one| one.package.replace('-', "_"));
        names.find_map(|name| crate::frameworks::router_kind(&format!("{name}::Router")))
    }

    /// The methods that a value stands for: a text, a constant or a variant called like one.
    fn methods_of(&self, value: &Value) -> Methods {
        let name = match value.bare() {
            Value::Object(object) => {
                let def = self.program.def(object.def);
                match (&def.item.kind, object.variant) {
                    (ItemKind::Enum { variants, .. }, Some(at)) => {
                        variants.get(at as usize).map(|variant| variant.name.to_string())
                    }
                    _ => None,
                }
            }
            Value::Term(term) => term.path.rsplit(':').next().map(str::to_owned),
            value => value.text().and_then(|text| text.exact()),
        };
        let name = name.unwrap_or_default().to_ascii_uppercase();
        match name.as_str() {
            "ANY" => Methods::Any,
            name => crate::contract::METHODS
                .iter()
                .find(|known| **known == name)
                .map_or(Methods::Unknown, |known| Methods::These(vec![known])),
        }
    }

    /// The operation's name, as a gate of the tree would be given it.
    fn operation_given(&self, value: Option<&Value>) -> Vec<Argument> {
        let text = value.and_then(|value| match value.bare() {
            Value::Object(object) => {
                object.fields.first().and_then(|(_, held)| held.borrow().text())
            }
            value => value.text(),
        });
        let name = text.and_then(|text| text.exact());
        name.map(|value| Argument {
            name: "operation".to_owned(),
            ty: "Operation".to_owned(),
            value,
        })
        .into_iter()
        .collect()
    }
}
