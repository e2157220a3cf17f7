//! Configurations of generators.

use serde_json::Value;

/// Name and text: what `spec` of runc and of holm-oci write, what engines write in the same manner, and one with every member.
pub(crate) const CORPUS: [(&str, &str); 8] = [
    ("every member", include_str!("every_member.json")),
    ("runc", include_str!("runc.json")),
    ("runc, rootless", include_str!("runc_rootless.json")),
    ("holm", include_str!("holm.json")),
    ("holm, rootless", include_str!("holm_rootless.json")),
    ("like docker", include_str!("like_docker.json")),
    ("like podman", include_str!("like_podman.json")),
    ("like containerd", include_str!("like_containerd.json")),
];

/// A document of the corpus.
pub(crate) fn value(index: usize) -> Value {
    serde_json::from_str(CORPUS[index % CORPUS.len()].1).unwrap()
}
