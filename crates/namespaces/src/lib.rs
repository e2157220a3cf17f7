//! Namespaces: the eight kinds, the id maps of a user namespace, and who may make what.
//!
//! - [`Kind`]: names, flags and `/proc` files of the eight kinds (`namespaces(7)`), and [`enter`](Kind::enter);
//! - [`IdMaps`] and [`MapWriter`]: which ids a user namespace has and by which way they are written: directly as root, one id
//!   without root, ranges of `/etc/subuid` through `newuidmap` (`user_namespaces(7)`, `newuidmap(1)`);
//! - [`UserNamespaceFacts`]: what the host says about user namespaces, and the sentence that names what stands in the way.

mod facts;
mod id_map;
mod kind;
mod map_writer;
mod subordinate;

pub use facts::UserNamespaceFacts;
pub use id_map::{IdMap, IdMaps};
pub use kind::Kind;
pub use map_writer::{MapError, MapWriter, Refusal};
pub use subordinate::{SubordinateRange, parse_subordinate};
