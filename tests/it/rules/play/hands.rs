//! What other administrators do, now.

use serde_json::json;
use skuferry::domain::id::SkuId;

use crate::rules::play::Play;
use crate::rules::record::Moved;
use crate::rules::record::Seats;
use crate::rules::script::Hand;
use crate::sim_kit;
use crate::witness;

impl Play {
    /// Somebody else assigns the source directly, now; the tenant may refuse them as it refuses anybody.
    pub(super) async fn give_direct(&self, place: usize) {
        let user = &self.listed[place % self.listed.len()];
        let sku = self.rig.run.route.source.sku.to_string();
        let body = json!({ "addLicenses": [{ "skuId": sku, "disabledPlans": [] }], "removeLicenses": [] });
        let url = format!("{}/v1.0/users/{user}/assignLicense", self.rig.sim.url());
        let request = sim_kit::client().post(url).bearer_auth(self.rig.sim.access_token());
        let request = request.header("client-request-id", witness::ANOTHER).header("content-type", "application/json");
        let _ = request.body(body.to_string()).send().await;
    }

    /// Somebody else does something, now.
    pub(super) fn let_happen(&mut self, hand: Hand) {
        let place = |place: usize| self.listed[place % self.listed.len()].clone();
        let route = &self.rig.run.route;
        let moved = |verb: &str, user: usize, group: skuferry::domain::id::GroupId| {
            format!("{verb} = {{ user = \"{}\", group = \"{group}\" }}", place(user))
        };
        let event = match hand {
            Hand::AddToTarget(user) => moved("add", user, route.target.group),
            Hand::RemoveFromTarget(user) => moved("remove", user, route.target.group),
            Hand::RemoveFromSource(user) => moved("remove", user, route.source.group),
            Hand::AddToSource(user) => moved("add", user, route.source.group),
            Hand::Delete(user) => format!("delete_user = \"{}\"", place(user)),
            Hand::LoseSource(user) => moved("lose", user, route.source.group),
            Hand::LoseTarget(user) => moved("lose", user, route.target.group),
            Hand::Strip(user) => format!("strip = \"{}\"", place(user)),
            Hand::Curse(user) => format!("curse = \"{}\"", place(user)),
            Hand::SendAway(user) => format!("locate = {{ user = \"{}\", country = \"AQ\" }}", place(user)),
            Hand::BringBack(user) => format!("locate = {{ user = \"{}\" }}", place(user)),
            Hand::GiveDirect(_) => return,
            Hand::LeaveSeats(free) => {
                let part = &route.target.part_number;
                let enabled = self.sku(route.target.sku)["consumed"].as_u64().unwrap() + u64::from(free);
                format!("seats = {{ sku = \"{part}\", enabled = {enabled} }}")
            }
        };
        let faults = self.world.faults(&self.token);
        // Whom the event names may have been deleted by an earlier one; then nothing happens.
        if self.rig.sim.set_faults(&format!("{faults}[[event]]\n{event}\n")).is_ok() {
            self.note_move(hand);
        }
        self.note_seats();
    }

    fn note_move(&mut self, hand: Hand) {
        let route = &self.rig.run.route;
        let (place, group, joined) = match hand {
            Hand::AddToTarget(place) => (place, route.target.group, true),
            Hand::RemoveFromTarget(place) => (place, route.target.group, false),
            Hand::AddToSource(place) => (place, route.source.group, true),
            Hand::RemoveFromSource(place) => (place, route.source.group, false),
            _ => return,
        };
        let key = &self.listed[place % self.listed.len()];
        let state = self.rig.sim.state();
        let mut users = state["users"].as_array().unwrap().iter();
        let found = users.find(|user| user["id"] == *key || user["userPrincipalName"] == *key);
        let id = found.map(|user| witness::id(user["id"].as_str().unwrap()));
        let number = self.rig.sim.log().last().map_or(0, |entry| entry.number);
        self.moved.extend(id.map(|user| Moved { number, user, group, joined }));
    }

    fn sku(&self, id: SkuId) -> serde_json::Value {
        let state = self.rig.sim.state();
        let skus = state["skus"].as_array().unwrap();
        skus.iter().find(|sku| sku["skuId"] == id.to_string()).unwrap().clone()
    }

    pub(super) fn note_seats(&mut self) {
        let from = self.rig.sim.log().last().map_or(0, |entry| entry.number);
        let enabled = |id| self.sku(id)["enabled"].as_i64().unwrap();
        let route = &self.rig.run.route;
        let (enabled, enabled_back) = (enabled(route.target.sku), enabled(route.source.sku));
        self.seats.push(Seats { from, enabled, enabled_back });
    }
}
