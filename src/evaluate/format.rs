//! Macro calls: those of the tree by expansion, those of `std` by what they do, others by their arguments.

mod derived;

use super::{
    Evaluator,
    alternatives::is_text,
    branch::{Eval, Flow},
    indoc,
    text::Text,
    value::Value,
};
use crate::{
    databases,
    discover::{Package, attachments::ROOT},
    frameworks,
    link::{Namespace, Resolution},
    source::{FileId, Place},
    syntax::{
        body,
        expand::printed,
        tree::{Cfg, Expr, ExprKind, MacroCall},
    },
};

/// The libraries whose `bail!` returns.
const BAILING: [&str; 11] = [
    "anyhow",
    "color_eyre",
    "error_chain",
    "exn",
    "eyre",
    "failure",
    "miette",
    "rootcause",
    "simple_error",
    "simple_eyre",
    "stable_eyre",
];
/// Macro calls within expansions, as rustc's `recursion_limit` has it where nothing is said.
const DEPTH: usize = 128;

impl Evaluator<'_> {
    /// The condition of `cfg!(…)`.
    pub(super) fn cfg_of_macro(&self, call: &MacroCall) -> Option<Cfg> {
        let text = self.program.text(self.scope.file);
        body::parse_cfg(&text, call.args)
    }

    /// A macro call in an expression.
    pub(super) fn eval_macro(&mut self, call: &MacroCall) -> Eval {
        let is_statement = std::mem::take(&mut self.is_statement);
        if let Some(expanded) = self.program.expand(self.scope.module, self.scope.file, call) {
            if let (Ok(file), true) = (&expanded, is_statement) {
                let text = self.program.text(self.scope.file);
                return self.eval_expansion(*file, Some(call.args.of(&text)));
            }
            return self.eval_expanded(call, expanded);
        }
        let text = self.program.text(self.scope.file);
        let code = self.macro_text(call);
        if let Some(block) = code.branches(|| self.under_cfgs(call, &text)) {
            let given = call.args.of(&text);
            return self.eval_block_keeping(&block, |name| is_statement && has_word(given, name));
        }
        let name = call.path.segments.last().map_or("", |segment| segment.name.as_str());
        if self.program.static_items(self.scope.file, call).is_some() {
            return Ok(Value::Unit);
        }
        let at = self.here(call.span);
        if let Some(value) = frameworks::declared::called(self, call, at) {
            return Ok(value);
        }
        let args = || code.args(&text, call.args).unwrap_or_default();
        let arrows = || code.arrows(&text, call.args).unwrap_or_default();
        let path = self.macro_path(call);
        if let Some(path) = &path
            && let Some(rules) = frameworks::macro_rules(path)
        {
            let krate = path.split(':').next().unwrap_or(path);
            let expanded = self.program.expand_by(rules, krate, self.scope.file, call);
            return self.eval_expanded(call, expanded);
        }
        if let Some(path) = &path
            && let Some(value) = frameworks::token_macro(self, path, call, at)
        {
            return Ok(value);
        }
        if let Some(path) = &path
            && let Some(value) = frameworks::macro_call(self, path, arrows(), at)
        {
            return Ok(value);
        }
        if let Some(path) = &path
            && let Some(value) = databases::macro_call(self, path, call, at)
        {
            return Ok(value);
        }
        if let Some(joined) = self.joined_in_macro(path.as_deref(), call, args(), at) {
            return joined;
        }
        match name {
            "format" | "format_args" | "formatcp" => self.formatted(args()),
            "formatdoc" => self.formatted(&indoc::unindented(name, args(), &text)),
            "concat" | "concatcp" => {
                let parts = self.eval_all(args())?;
                Ok(self.joined_texts(&parts))
            }
            "indoc" | "concatdoc" => {
                let parts = self.eval_all(&indoc::unindented(name, args(), &text))?;
                Ok(self.joined_texts(&parts))
            }
            "stringify" => Ok(Value::Str(Text::literal(&printed(call.args.of(&text)), at))),
            "env" | "option_env" => Ok(self.manifest_value(args())),
            "include_str" => Ok(self.included(args(), at)),
            "include" => {
                let included = {
                    let (scope, file) = (self.scope.module, self.scope.file);
                    self.program.included_code(scope, file, call)
                };
                self.eval_expanded(call, included)
            }
            "cfg" => Ok(Value::unknown()),
            "vec" if args().iter().any(|arg| matches!(arg.kind, ExprKind::Under(..))) => {
                let array = Expr { kind: ExprKind::Array(args().into()), span: call.args };
                self.eval(&array)
            }
            "vec" => match code.repeated(&text, call.args) {
                Some((value, len)) => self.eval_repeat(value, len),
                None => Ok(Value::list(self.eval_all(args())?)),
            },
            "bail" if !bails(path.as_deref(), call) => self.unknown_macro(call, &code, &text),
            "panic" | "todo" | "unimplemented" | "unreachable" | "bail" | "compile_error" => {
                for arg in args() {
                    self.eval(arg)?;
                }
                Err(Flow::Return)
            }
            "matches" => match code.matches(&text, call.args) {
                Some((subject, arm)) => self.matches(subject, arm),
                None => Ok(Value::unknown()),
            },
            "write" | "writeln" | "writedoc" => {
                let args = match name {
                    "writedoc" => indoc::unindented(name, args(), &text),
                    _ => args().to_vec(),
                };
                if let Some((target, rest)) = args.split_first() {
                    let place = self.place(target)?;
                    let more = self.formatted(rest)?;
                    let end = Value::Str(Text::known(if name == "writeln" { "\n" } else { "" }));
                    let held = place.borrow().bare();
                    if is_text(&held) {
                        let whole = self.joined_texts(&[held, more, end]);
                        self.write(&super::target_of(&place), whole);
                    } else if matches!(held, Value::Object(_) | Value::List(_)) {
                        // Its own `write_str` or `write` runs, as often as there are pieces.
                        self.may_change(&Value::Ref(place));
                    }
                }
                Ok(Value::unknown())
            }
            "dbg" | "pin" | "black_box" => {
                args().first().map_or(Ok(Value::Unit), |arg| self.eval(arg))
            }
            _ => self.unknown_macro(call, &code, &text),
        }
    }

    fn eval_expanded(&mut self, call: &MacroCall, expanded: Result<FileId, String>) -> Eval {
        match expanded {
            Ok(file) => self.eval_expansion(file, None),
            Err(reason) => {
                let at = self.here(call.span);
                self.gap_at(at, &format!("the macro does not expand: {reason}"));
                Ok(Value::unknown())
            }
        }
    }

    /// The path of a macro outside the tree.
    pub(super) fn macro_path(&self, call: &MacroCall) -> Option<std::sync::Arc<str>> {
        let found = self.program.resolve_path(self.scope.module, &call.path, Namespace::Macro);
        for (_, is) in &found {
            if let Resolution::External(path) = is {
                return Some(path.clone());
            }
        }
        let names: Vec<&str> =
            call.path.segments.iter().map(|segment| segment.name.as_str()).collect();
        self.program
            .macro_candidates(self.scope.module, &names)
            .into_iter()
            .find(|path| frameworks::knows(path) || databases::knows(path))
    }

    /// - `given`: of a macro that stands as a statement, what it was given. Names that are bound by what it expands to and
    ///   stand there are bound where it stands; others are its own.
    pub(super) fn eval_expansion(&mut self, file: FileId, given: Option<&str>) -> Eval {
        if self.active.iter().rev().take_while(|id| id.0 == u32::MAX - 1).count() > DEPTH {
            self.gap_here("macros expand to one another without end");
            return Ok(Value::unknown());
        }
        let Some(block) = self.expansion(file) else {
            self.gap_here("the expansion of this macro does not parse as statements");
            return Ok(Value::unknown());
        };
        self.active.push(crate::link::DefId(u32::MAX - 1));
        let outer = std::mem::replace(&mut self.scope.file, file);
        let result = match given {
            Some(given) => self.eval_block_keeping(&block, |name| has_word(given, name)),
            None => self.eval_block(&block),
        };
        self.scope.file = outer;
        self.active.pop();
        result
    }

    /// What `format!` makes of its arguments.
    fn formatted(&mut self, args: &[Expr]) -> Eval {
        let Some((template, rest)) = args.split_first() else {
            return Ok(Value::Str(Text::known("")));
        };
        let at = self.here(template.span);
        let template = self.eval(template)?.text().and_then(|text| text.exact());
        let mut positional = Vec::new();
        let mut named = Vec::new();
        for arg in rest {
            if let ExprKind::Assign(name, value) = &arg.kind
                && let ExprKind::Path(path) = &name.kind
                && let [only] = path.segments.as_slice()
            {
                named.push((only.name.to_string(), self.eval(value)?));
            } else {
                positional.push(self.eval(arg)?);
            }
        }
        let Some(template) = template else { return Ok(Value::Str(Text::hole())) };
        let mut all: Vec<Value> = Vec::new();
        let mut next = 0;
        let mut rest = template.as_str();
        while let Some(open) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(open);
            all.push(Value::Str(Text::literal(before, at)));
            if after.starts_with("{{") || after.starts_with("}}") {
                all.push(Value::Str(Text::literal(after.get(..1).unwrap_or(""), at)));
                rest = after.get(2..).unwrap_or("");
                continue;
            }
            let end = after.find('}').unwrap_or(after.len());
            let inside = after.get(1..end).unwrap_or("");
            rest = after.get(end + 1..).unwrap_or("");
            let (name, spec) = inside.split_once(':').unwrap_or((inside, ""));
            let value = match name.trim() {
                "" => {
                    next += 1;
                    positional.get(next - 1).cloned()
                }
                name => match name.parse::<usize>() {
                    Ok(at) => positional.get(at).cloned(),
                    Err(_) => named
                        .iter()
                        .find(|(known, _)| known == name)
                        .map(|(_, value)| value.clone())
                        .or_else(|| Some(self.captured(name))),
                },
            };
            let value = value.unwrap_or_else(Value::unknown);
            all.push(if spec.is_empty() {
                value
            } else if let Some(shown) = self.debugged(&value, spec) {
                shown
            } else {
                super::spec::with_spec(&value, spec, |name| {
                    if let Ok(at) = name.parse::<usize>() {
                        positional.get(at).cloned()
                    } else {
                        let given = named.iter().find(|(known, _)| known == name);
                        let local = || Some(self.local(name)?.borrow().clone());
                        given.map(|(_, value)| value.clone()).or_else(local)
                    }
                })
            });
        }
        all.push(Value::Str(Text::literal(rest, at)));
        Ok(self.joined_texts(&all))
    }

    /// A name captured by a format string.
    fn captured(&mut self, name: &str) -> Value {
        if let Some(held) = self.local(name) {
            return held.borrow().clone();
        }
        self.path_value(&super::pattern::single(&name.into()))
    }

    /// `include_str!("…")`: a path starts from the file that names it.
    fn included(&mut self, args: &[Expr], at: Place) -> Value {
        let path = args
            .first()
            .and_then(|arg| self.eval(arg).ok())
            .and_then(|value| value.text())
            .and_then(|text| text.exact());
        let file = self.program.sources().path(self.scope.file).to_owned();
        let base = file.rsplit_once('/').map_or("", |(base, _)| base);
        let text = path.and_then(|path| self.program.attachment(base, &path));
        Value::Str(text.map_or_else(Text::hole, |text| Text::literal(&text, at)))
    }

    /// The package whose code is being evaluated.
    fn package(&self) -> Option<&Package> {
        let krate = self.program.crate_of(self.scope.module);
        self.packages.get(self.program.krate(krate).package)
    }

    /// The directory of the package whose code is being evaluated, relative to the scanned root.
    pub fn package_dir(&self) -> &str {
        self.package().map_or("", |package| &package.dir)
    }

    /// The release of a crate that the package depends on whose code is being evaluated.
    pub fn release_of(&self, krate: &str) -> Option<(u32, u32)> {
        let mut all = self.package()?.dependencies.iter();
        all.find(|dependency| dependency.package == krate)?.release()
    }

    /// `env!("CARGO_PKG_NAME")` and its like.
    fn manifest_value(&mut self, args: &[Expr]) -> Value {
        let name = args
            .first()
            .and_then(|arg| self.eval(arg).ok())
            .and_then(|v| v.text())
            .and_then(|t| t.exact());
        let value = self.package().and_then(|package| match name.as_deref()? {
            "CARGO_MANIFEST_DIR" => Some(format!("{ROOT}/{}", package.dir)),
            "CARGO_PKG_NAME" => Some(package.name.clone()),
            "CARGO_PKG_VERSION" => Some(package.version.clone()),
            "CARGO_CRATE_NAME" => Some(package.name.replace('-', "_")),
            _ => None,
        });
        Value::Str(value.map_or_else(Text::hole, |value| Text::known(&value)))
    }
}

/// Whether a `bail!` is that of a library whose own returns; another's may do anything.
fn bails(path: Option<&str>, call: &MacroCall) -> bool {
    let krate = match (path, call.path.segments.as_slice()) {
        (Some(path), _) => path.split(':').next().unwrap_or(path),
        (None, [first, _, ..]) => first.name.as_str(),
        (None, _) => return true,
    };
    BAILING.contains(&krate)
}

/// Whether an identifier stands in a text.
fn has_word(text: &str, name: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name)
}
