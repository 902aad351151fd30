//! The custom sections that the network serves: `icp:public <name>` and `icp:private <name>`.
//!
//! Source: interface specification, "Canister module format" and "Custom sections". In: all custom sections of a module. Out: the
//! `icp:` ones by name. Sections with other names are ignored here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::ValidationError;
use super::limits::{MAX_CUSTOM_SECTIONS, MAX_CUSTOM_SECTIONS_BYTES};

/// A custom section that the certified state tree serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomSection {
    /// Whether everyone may read it; a private one is for the controllers.
    pub public: bool,
    /// The bytes of the section, without its name.
    pub content: Arc<[u8]>,
}

/// Splits a section name into its visibility and the name after it; `None` for names outside `icp:`.
fn icp_name(section_name: &str) -> Result<Option<(bool, &str)>, ValidationError> {
    if !section_name.starts_with("icp:") {
        return Ok(None);
    }
    if let Some(name) = section_name.strip_prefix("icp:public ") {
        return Ok(Some((true, name)));
    }
    if let Some(name) = section_name.strip_prefix("icp:private ") {
        return Ok(Some((false, name)));
    }
    Err(ValidationError::CustomSection(match section_name {
        "icp:public" | "icp:private" => {
            "'icp:' section names must have a space after the public/private scope".to_string()
        }
        _ => format!(
            "Invalid custom section: Custom section '{section_name}' has no public/private scope defined."
        ),
    }))
}

/// Collects the `icp:` sections and checks their names, number and size.
///
/// # Errors
/// `CustomSection` or `TooManyCustomSections`.
pub(super) fn collect(
    sections: &[(&str, &[u8])],
) -> Result<BTreeMap<String, CustomSection>, ValidationError> {
    let mut collected = BTreeMap::new();
    let mut total: u64 = 0;
    for (section_name, content) in sections {
        let Some((public, name)) = icp_name(section_name)? else {
            continue;
        };
        if collected.contains_key(name) {
            return Err(ValidationError::CustomSection(format!(
                "Invalid custom section: name {name} already exists"
            )));
        }
        total += (content.len() + name.len()) as u64;
        if total > MAX_CUSTOM_SECTIONS_BYTES {
            return Err(ValidationError::CustomSection(format!(
                "Invalid custom sections: total size of the custom sections exceeds the maximum allowed: \
                 size {total} bytes, allowed {MAX_CUSTOM_SECTIONS_BYTES} bytes"
            )));
        }
        collected.insert(
            name.to_string(),
            CustomSection {
                public,
                content: Arc::from(*content),
            },
        );
        if collected.len() > MAX_CUSTOM_SECTIONS {
            return Err(ValidationError::TooManyCustomSections {
                defined: collected.len(),
                allowed: MAX_CUSTOM_SECTIONS,
            });
        }
    }
    Ok(collected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_a_scope_and_a_space() {
        assert_eq!(icp_name("icp:public "), Ok(Some((true, ""))));
        assert_eq!(icp_name("icp:private   x y"), Ok(Some((false, "  x y"))));
        assert_eq!(icp_name(" icp:private x"), Ok(None));
        assert!(icp_name("icp:public").is_err());
        assert!(icp_name("icp:protected x").is_err());
    }

    #[test]
    fn the_total_size_is_limited_to_one_mebibyte_with_the_names() {
        let exact = vec![0u8; MAX_CUSTOM_SECTIONS_BYTES as usize - 1];
        assert!(collect(&[("icp:public x", exact.as_slice())]).is_ok());
        assert!(collect(&[("icp:public xy", exact.as_slice())]).is_err());
        assert!(
            collect(&[
                ("other", exact.as_slice()),
                ("icp:public x", exact.as_slice())
            ])
            .is_ok()
        );
    }
}
