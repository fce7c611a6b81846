//! The names of the columns that say who a user is, in the languages of the admin centers.

/// Columns with a user principal name or, in the bulk templates, a name or an id.
const NAMES: &[&str] = &[
    "userprincipalname",
    "upn",
    "memberobjectidorupn",
    "memberupn",
    "userupn",
    "benutzerprinzipalname",
    "nomeprincipaldoutilizador",
    "nomeprincipaldeutilizador",
    "nomeprincipaldousuário",
    "nomeprincipaldeusuário",
    "nomeprincipaldousuario",
    "nomedutilisateurprincipal",
    "nomdutilisateurprincipal",
    "nomprincipaldelutilisateur",
    "nomdutilisateurprincipalupn",
    "nombreprincipaldeusuario",
    "nombreprincipaldelusuario",
    "nombredeusuarioprincipal",
];

/// Columns with a sign-in name, which elsewhere can be a name without a domain.
const SIGN_IN_NAMES: &[&str] = &[
    "username",
    "signinname",
    "benutzername",
    "anmeldename",
    "nomedeutilizador",
    "nomedoutilizador",
    "nomedeusuário",
    "nomedousuário",
    "nomedeusuario",
    "nomdutilisateur",
    "nombredeusuario",
];

/// Columns with an object id. `id` goes last: it may be somebody else's numbering.
const IDS: &[&str] = &[
    "objectid",
    "aadobjectid",
    "azureadobjectid",
    "entraobjectid",
    "entraidobjectid",
    "microsoftentraobjectid",
    "userobjectid",
    "externaldirectoryobjectid",
    "userid",
    "objektid",
    "iddoobjeto",
    "iddeobjeto",
    "iddobjeto",
    "identificadordoobjeto",
    "iddobjet",
    "iddelobjet",
    "identificateurdobjet",
    "identifiantdobjet",
    "iddelobjeto",
    "identificadordeobjeto",
    "id",
];

/// Which of these cells head columns that name users, best first; empty when none does.
pub(super) fn columns<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (place, cell) in cells.enumerate() {
        let name = plain(cell);
        let of = |names: &[&str]| names.iter().position(|known| *known == name);
        for (kind, names) in [NAMES, SIGN_IN_NAMES, IDS].into_iter().enumerate() {
            found.extend(of(names).map(|rank| (kind, rank, place)));
        }
    }
    found.sort_unstable();
    let mut places: Vec<usize> = found.into_iter().map(|(_, _, place)| place).collect();
    places.dedup();
    places
}

/// Whether a header is one of the templates for bulk operations, which have the property's name in brackets.
pub(super) fn is_of_template(header: &str) -> bool {
    property(header).is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// A name without all that differs from program to program: case, blanks of any kind, punctuation.
fn plain(cell: &str) -> String {
    let name = property(cell).unwrap_or(cell);
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What stands in brackets: `User name [userPrincipalName] Required`.
fn property(cell: &str) -> Option<&str> {
    cell.split_once('[')?.1.split_once(']').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_admin_centers_are_known() {
        for header in [
            "User principal name",
            "User\u{a0}principal\u{a0}name",
            "user_principal_name",
            "UPN",
            "Username",
            "AAD Object ID",
            "Object Id",
            "User name [userPrincipalName] Required",
            "Member object ID or user principal name [memberObjectIdOrUpn] Required",
            "Benutzerprinzipalname",
            "Objekt-ID",
            "Nome principal do utilizador",
            "Nome principal do usuário",
            "ID do objeto",
            "Nom d’utilisateur principal",
            "Nom d'utilisateur",
            "ID d'objet",
            "Nombre principal de usuario",
            "Nombre de usuario",
            "Id. de objeto",
        ] {
            assert_eq!(columns(["x", header].into_iter()), [1], "{header}");
        }
        assert!(columns(["Display name", "Mail", "Employee", ""].into_iter()).is_empty());
    }

    #[test]
    fn a_principal_name_goes_before_a_sign_in_name_and_that_before_an_id() {
        assert_eq!(columns(["id", "Object Id", "Username", "UPN"].into_iter()), [3, 2, 1, 0]);
    }

    #[test]
    fn a_template_is_known_by_its_brackets() {
        assert!(is_of_template("Name [displayName] Required,User name [userPrincipalName] Required"));
        assert!(!is_of_template("userPrincipalName") && !is_of_template("name [x y]"));
    }
}
