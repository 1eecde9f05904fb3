//! What money and access are called.

/// The words of one class.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// The class's name.
    pub(super) class: &'static str,
    /// Its summary.
    pub(super) summary: &'static str,
    /// What the words are about.
    pub(super) of: &'static str,
    words: &'static [&'static str],
    /// Words in the names of what gates such routes.
    pub(super) gates: &'static [&'static str],
}

/// All classes that are proposed.
pub(super) const VOCABULARIES: &[Vocabulary] = &[
    Vocabulary {
        class: "financial",
        summary: "Moves money, or changes what someone owes",
        of: "money",
        words: &[
            "balance",
            "bank",
            "bill",
            "billing",
            "budget",
            "cart",
            "charge",
            "checkout",
            "coupon",
            "credit",
            "debit",
            "deposit",
            "discount",
            "donation",
            "escrow",
            "expense",
            "fee",
            "fund",
            "invoice",
            "journal",
            "ledger",
            "loan",
            "order",
            "pay",
            "payable",
            "payment",
            "payout",
            "payroll",
            "plaid",
            "price",
            "purchase",
            "receivable",
            "reconcile",
            "reconciliation",
            "refund",
            "reimbursement",
            "salary",
            "sale",
            "settlement",
            "stripe",
            "subscription",
            "tax",
            "tip",
            "transaction",
            "transfer",
            "wage",
            "wallet",
            "withdraw",
            "withdrawal",
        ],
        gates: &[
            "billing",
            "dedup",
            "financial",
            "idempotency",
            "idempotent",
            "ledger",
            "money",
            "once",
            "payment",
            "replay",
        ],
    },
    Vocabulary {
        class: "access",
        summary: "Decides who may do what",
        of: "access",
        words: &[
            "access",
            "account",
            "admin",
            "auth",
            "credential",
            "grant",
            "group",
            "impersonate",
            "invitation",
            "invite",
            "key",
            "login",
            "member",
            "membership",
            "mfa",
            "oauth",
            "org",
            "organization",
            "organisation",
            "owner",
            "password",
            "permission",
            "policy",
            "register",
            "role",
            "secret",
            "session",
            "signup",
            "sso",
            "team",
            "tenant",
            "token",
            "user",
        ],
        gates: &[
            "admin",
            "auth",
            "authenticated",
            "authentication",
            "authorization",
            "authorize",
            "authorized",
            "bearer",
            "claims",
            "csrf",
            "jwt",
            "login",
            "permission",
            "role",
            "user",
        ],
    },
];

impl Vocabulary {
    /// The first word of `text` that is one of the vocabulary.
    pub(super) fn word_in(&self, text: &str) -> Option<&'static str> {
        words(text).iter().find_map(|word| self.words.iter().copied().find(|known| is(word, known)))
    }
}

/// Whether `word` is `known`, or more of it.
pub(super) fn is(word: &str, known: &str) -> bool {
    let plural = |stem: &str, ending: &str| word.strip_suffix(ending) == Some(stem);
    word == known
        || plural(known, "s")
        || plural(known, "es")
        || known.strip_suffix('y').is_some_and(|stem| plural(stem, "ies"))
}

/// The words of a name, lower case: `createPay_run` is create, pay, run.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let (mut word, mut lower) = (String::new(), false);
    for c in text.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            all.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase() || c.is_numeric();
    }
    all.push(word);
    all.retain(|word| !word.is_empty());
    all
}
