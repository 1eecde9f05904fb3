//! The samples of frameworks filled in: items that serve one route.

use crate::frameworks::sample::{Laid, Sample};

/// A method and path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    /// Upper case.
    pub(super) method: &'p str,
    /// Without parameters.
    pub(super) path: &'p str,
    /// The operation that is declared for it.
    pub(super) operation: Option<&'p str>,
}

/// A sample, and the name under which a package has its crate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'p> {
    pub(super) sample: &'static Sample,
    /// As the code of the package calls it.
    pub(super) krate: &'p str,
}

/// What stands for a layer in code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayerKind {
    /// A value.
    Value,
    /// A function that becomes one.
    Function,
    /// What a function without arguments gives.
    Made,
}

/// What differs from one canary to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fill<'f> {
    /// Items before all others.
    pub(super) items: &'f str,
    /// Attributes of the handler.
    pub(super) attributes: &'f str,
    /// What the handler takes.
    pub(super) parameters: &'f str,
    /// What the handler does.
    pub(super) body: &'f str,
    /// Items that serve the router; the sample's own when empty.
    pub(super) served: &'f str,
    /// What is served; the route alone when empty.
    pub(super) router: &'f str,
}

impl Form<'_> {
    /// Items that serve a route at `place`.
    pub(super) fn code(self, place: Place<'_>, fill: Fill<'_>) -> String {
        let or = |given: &str, own: &str| if given.is_empty() { own } else { given }.to_owned();
        let sample = self.sample;
        // Where no code makes routers, a layer is an attribute of the handler.
        let (laid, router) =
            if fill.router.starts_with("#[") { (fill.router, "") } else { ("", fill.router) };
        let served = or(fill.served, sample.served).replace("ROUTER", &or(router, sample.route));
        let text = format!("{}{served}", sample.handler);
        let text = self.placed(&text, place);
        let text = text.replace("ATTRIBUTES", &format!("{}{laid}", fill.attributes));
        let text = text.replace("PARAMETERS", fill.parameters).replace("BODY", fill.body);
        self.named(&format!("{}{text}", fill.items))
    }

    /// Items that serve a route whose path is not known.
    pub(super) fn unknown(self, place: Place<'_>) -> Option<String> {
        let served = self.sample.unknown?;
        Some(self.code(place, Fill { served, ..Fill::default() }))
    }

    /// `layer` laid as `how` says, in the words of the sample.
    pub(super) fn laid(how: &str, layer: &str) -> String {
        how.replace("LAYER", layer)
    }

    /// How a layer of that kind is laid.
    pub(super) fn layer(self, kind: LayerKind) -> Option<Laid> {
        match kind {
            LayerKind::Value => self.sample.layer,
            LayerKind::Function => self.sample.layer_function,
            LayerKind::Made => self.sample.layer_made.or(self.sample.layer),
        }
    }

    /// The words that the place decides.
    pub(super) fn placed(self, text: &str, place: Place<'_>) -> String {
        let segments = place.path.split('/').filter(|segment| !segment.is_empty());
        let segments: Vec<String> = segments.map(|segment| format!("{segment:?}")).collect();
        let text = text.replace("ROUTE", self.sample.route);
        let text = text.replace("VERB", &place.method.to_lowercase());
        let text = text.replace("METHOD", place.method);
        let text = text.replace("RELATIVE", &format!("{:?}", place.path.trim_start_matches('/')));
        let text = text.replace("SEGMENTS", &segments.join(" / "));
        text.replace("PATH", &format!("{:?}", place.path))
    }

    /// The crate under the name that the package gives it.
    fn named(self, text: &str) -> String {
        if self.krate == self.sample.krate {
            return text.to_owned();
        }
        text.replace(&format!("{}::", self.sample.krate), &format!("{}::", self.krate))
    }
}
