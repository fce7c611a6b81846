//! Names, jobs and countries for made-up people.
use fastrand::Rng;

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
pub(super) fn draw(rng: &mut Rng) -> (&'static str, &'static str) {
    (pick(rng, GIVEN), pick(rng, SURNAMES))
}

/// A title and the department it belongs to.
pub(super) fn job(rng: &mut Rng) -> (&'static str, &'static str) {
    pick(rng, JOBS)
}

/// A usage location.
pub(super) fn country(rng: &mut Rng) -> &'static str {
    pick(rng, COUNTRIES)
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(0..from.len())]
}
