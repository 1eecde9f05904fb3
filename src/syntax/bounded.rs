//! How deep a tree that is read back may be: what was written elsewhere must not overflow the stack.
//!
//! Trees that were parsed are far below the bound, because [`super::depth`] refuses what is not.

use std::cell::Cell;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::tree::{Cfg, Item, Pat, TypeRef};

/// How many trees may be in one another.
const DEEPEST: u32 = 8_192;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// One tree being read; the count goes down with it.
struct Level;

impl Level {
    fn enter<E: serde::de::Error>() -> Result<Self, E> {
        let depth = DEPTH.get();
        if depth >= DEEPEST {
            return Err(E::custom("nested too deep"));
        }
        DEPTH.set(depth + 1);
        Ok(Self)
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

/// The derives of these types are functions of their own (`serde(remote = "Self")`), which are called here.
macro_rules! bounded {
    ($($ty:ident),*) => {$(
        impl Serialize for $ty {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $ty::serialize(self, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $ty {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let _level = Level::enter::<D::Error>()?;
                $ty::deserialize(deserializer)
            }
        }
    )*};
}

bounded!(Cfg, Item, Pat, TypeRef);

#[cfg(test)]
mod tests {
    use super::*;

    /// A million pointers to pointers are an error, and no overflow.
    #[test]
    fn depth_is_bounded() {
        let read = |depth: usize| {
            let mut bytes =
                postcard::to_stdvec(&TypeRef::Ptr(Box::new(TypeRef::Tuple(thin_vec::thin_vec![]))))
                    .expect("written");
            let pointer = *bytes.first().expect("a variant");
            bytes.splice(0..0, std::iter::repeat_n(pointer, depth));
            postcard::from_bytes::<TypeRef>(&bytes).is_ok()
        };
        let both = move || (read(1_000_000), read(4_000));
        let worker = std::thread::Builder::new().stack_size(64 << 20).spawn(both).expect("started");
        assert_eq!(worker.join().expect("no panic"), (false, true));
    }
}
