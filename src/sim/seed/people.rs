//! Made-up people: names, jobs, countries.
use std::collections::HashMap;
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;

use crate::sim::clock::earlier;
use crate::sim::seed::free_id;
use crate::sim::tenant::{Tenant, User, UserIx};

/// People whose names stay unique.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    taken: HashMap<String, u32>,
}

impl Crowd {
    /// One more user, with this name or any.
    pub(crate) fn user(
        &mut self,
        rng: &mut Rng,
        tenant: &mut Tenant,
        name: Option<(&'static str, &'static str)>,
        now: Timestamp,
    ) -> UserIx {
        let (given, surname) = name.unwrap_or_else(|| draw(rng));
        let local = format!("{given}.{surname}").to_ascii_lowercase().replace(' ', "");
        let count = self.taken.entry(local.clone()).or_default();
        let upn = loop {
            *count += 1;
            let number = if *count == 1 { String::new() } else { count.to_string() };
            let upn = format!("{local}{number}@{}", tenant.domain);
            if tenant.find_user(&upn).is_none() {
                break upn;
            }
        };
        let created = earlier(now, Duration::from_hours(rng.u64(24 * 600..24 * 890)));
        let mut user = User::new(free_id(rng, tenant), &upn, created);
        user.display = format!("{given} {surname}");
        (user.given, user.surname) = (given.to_owned(), surname.to_owned());
        (user.title, user.department) = job(rng);
        user.location = Some(country(rng).to_owned());
        tenant.add_user(user)
    }
}

#[rustfmt::skip]
const GIVEN: &[&str] = &[
    "Adele", "Aisha", "Alan", "Alejandro", "Amara", "Amir", "Anders", "Anika", "Anton", "Arjun", "Astrid", "Aylin", "Beatriz",
    "Bianca", "Bogdan", "Bruno", "Camille", "Carlos", "Cecilia", "Chidi", "Chiara", "Claire", "Daichi", "Daniel", "Daria",
    "David", "Devika", "Diego", "Dmitri", "Edith", "Elena", "Elif", "Emeka", "Emil", "Emma", "Enrico", "Erik", "Esther", "Eva",
    "Fatima", "Felix", "Fiona", "Florian", "Gabriel", "Giulia", "Grace", "Greta", "Hana", "Hassan", "Helena", "Henrik", "Hugo",
    "Ibrahim", "Ines", "Ingrid", "Irene", "Isaac", "Ivan", "Jacob", "Jana", "Javier", "Joanna", "Johan", "Jonas", "Julia",
    "Kaito", "Karim", "Katya", "Keiko", "Kenji", "Kofi", "Lara", "Lars", "Laila", "Leon", "Lidia", "Linnea", "Louis", "Lucia",
    "Magnus", "Mai", "Malik", "Marco", "Maria", "Marta", "Mateo", "Megan", "Mei", "Mina", "Miriam", "Mohamed", "Nadia", "Naomi",
    "Nestor", "Nils", "Noor", "Nora", "Olga", "Oliver", "Omar", "Oscar", "Patti", "Pavel", "Pedro", "Petra", "Priya", "Rafael",
    "Rania", "Ravi", "Renata", "Rosa", "Samir", "Sana", "Sara", "Sofia", "Stefan", "Sunita", "Tariq", "Tereza", "Theo", "Tomas",
    "Ursula", "Valentina", "Vera", "Viktor", "Wanjiru", "Wei", "Yara", "Yuki", "Yusuf", "Zainab", "Zoe",
];

#[rustfmt::skip]
const SURNAMES: &[&str] = &[
    "Abe", "Achebe", "Adler", "Aguilar", "Ali", "Almeida", "Andersen", "Antonov", "Baker", "Banerjee", "Barros", "Bauer",
    "Becker", "Bell", "Berg", "Bianchi", "Blanc", "Bosch", "Brandt", "Brown", "Cai", "Campos", "Castro", "Chandra", "Chen",
    "Clarke", "Cohen", "Costa", "Cruz", "Dahl", "Das", "Delgado", "Diallo", "Diaz", "Dubois", "Eriksen", "Esposito", "Evans",
    "Farouk", "Ferrari", "Fischer", "Fontaine", "Fraser", "Fujita", "Garcia", "Gomez", "Gonzalez", "Gray", "Gupta", "Haddad",
    "Hall", "Hansen", "Hashimoto", "Hassan", "Herrera", "Hoffmann", "Holm", "Hughes", "Ibarra", "Inoue", "Ivanova", "Jackson",
    "Jain", "Janssen", "Jensen", "Johansson", "Kaplan", "Kapoor", "Kaya", "Keller", "Khan", "Kim", "Klein", "Kowalski", "Kumar",
    "Lambert", "Larsen", "Lee", "Lehmann", "Lima", "Lindqvist", "Lopez", "Mancini", "Marino", "Martin", "Mbeki", "Medina",
    "Mehta", "Meyer", "Moreau", "Moreno", "Mori", "Mueller", "Murphy", "Nair", "Nakamura", "Neumann", "Nguyen", "Nielsen",
    "Novak", "O'Connor", "O'Neill", "Okafor", "Oliveira", "Olsen", "Osei", "Park", "Patel", "Pereira", "Petrov", "Popescu",
    "Qureshi", "Ramos", "Rao", "Reyes", "Ricci", "Rossi", "Roux", "Sadeghi", "Sato", "Schmidt", "Schneider", "Shah", "Silva",
    "Singh", "Smith", "Sorensen", "Suzuki", "Takahashi", "Tanaka", "Taylor", "Thomas", "Torres", "Turner", "Vance", "Vargas",
    "Vidal", "Virtanen", "Wagner", "Walker", "Wang", "Weber", "Wilson", "Wright", "Yamamoto", "Yilmaz", "Young", "Zhang",
];

const JOBS: &[(&str, &str)] = &[
    ("Account Executive", "Sales"),
    ("Sales Manager", "Sales"),
    ("Marketing Assistant", "Marketing"),
    ("Designer", "Marketing"),
    ("Software Engineer", "Engineering"),
    ("Test Engineer", "Engineering"),
    ("Paralegal", "Legal"),
    ("HR Partner", "Human Resources"),
    ("Accountant", "Finance"),
    ("Controller", "Finance"),
    ("Warehouse Lead", "Operations"),
    ("Support Specialist", "Customer Service"),
];

const COUNTRIES: &[&str] = &["US", "US", "US", "GB", "DE", "FR", "IN", "JP", "BR", "SE", "NL", "ES"];

/// A first and a family name.
fn draw(rng: &mut Rng) -> (&'static str, &'static str) {
    (pick(rng, GIVEN), pick(rng, SURNAMES))
}

/// A title and the department it belongs to.
fn job(rng: &mut Rng) -> (&'static str, &'static str) {
    pick(rng, JOBS)
}

/// A usage location.
fn country(rng: &mut Rng) -> &'static str {
    pick(rng, COUNTRIES)
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(0..from.len())]
}
