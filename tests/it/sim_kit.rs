//! A small client of the simulated tenant, and a check of every answer against the schema.
use std::collections::HashMap;

use reqwest::Method;
use serde_json::Value;
use skuferry::sim::{Options, Sim};

use crate::sim_schema;

/// An answer.
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
}

/// A tenant and somebody who asks it.
pub(crate) struct Kit {
    pub(crate) sim: Sim,
    client: reqwest::Client,
}

impl Kit {
    /// The tenant of the first example file, its clock standing still.
    pub(crate) async fn example() -> Self {
        let tenant = include_str!("../../assets/sim/tenant-e1-to-e3.toml").to_owned();
        Self::start(Options { tenant: Some(tenant), ..Options::default() }).await
    }

    /// A tenant whose clock stands still.
    pub(crate) async fn start(options: Options) -> Self {
        Self::on(Sim::start(options).await.unwrap())
    }

    /// A tenant that is there already; its clock stands still from now on.
    pub(crate) fn on(sim: Sim) -> Self {
        sim.freeze();
        Self { sim, client: client() }
    }

    /// Asks with a good token; the answer must fit the schema.
    pub(crate) async fn ask(&self, ask: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Heard {
        let (verb, path) = ask.split_once(' ').unwrap();
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.sim.url()) };
        let mut request = self.client.request(Method::from_bytes(verb.as_bytes()).unwrap(), url);
        let mut authorized = false;
        for (name, value) in headers {
            authorized |= name.eq_ignore_ascii_case("authorization");
            if !value.is_empty() {
                request = request.header(*name, *value);
            }
        }
        if !authorized {
            request = request.bearer_auth(self.sim.access_token());
        }
        request = match body {
            Some(Value::String(text)) => request.body(text.clone()),
            Some(body) => request.json(body),
            // Without a body nothing tells that there is none, and Graph wants it told.
            None if verb != "GET" => request.header("content-length", "0"),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let named =
            response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let headers: HashMap<String, String> = named.collect();
        let text = response.text().await.unwrap();
        let json = headers.get("content-type").is_some_and(|kind| kind.contains("json"));
        let body = if json { serde_json::from_str(&text).unwrap() } else { Value::String(text) };
        if path.starts_with("/v1.0/") || path.starts_with("http") {
            sim_schema::check(status, &body).unwrap_or_else(|wrong| panic!("{ask}: {wrong}\n{body:#}"));
        }
        if path.contains("/oauth2/v2.0/") || path.contains("/v2.0/.well-known/") || path.contains("/discovery/") {
            sim_schema::check_sign_in(path, status, &body).unwrap_or_else(|wrong| panic!("{ask}: {wrong}\n{body:#}"));
        }
        Heard { status, headers, body }
    }

    /// Posts a form to the sign-in service; the answer must fit the schema.
    pub(crate) async fn form(&self, path: &str, fields: &str) -> Heard {
        let kind = [("authorization", ""), ("content-type", "application/x-www-form-urlencoded")];
        self.ask(&format!("POST {path}"), &kind, Some(&Value::String(fields.to_owned()))).await
    }

    /// The same, for the body alone of what must succeed.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let heard = self.ask(&format!("GET {path}"), &[], None).await;
        assert_eq!(heard.status, 200, "{path}: {}", heard.body);
        heard.body
    }

    /// The id of a group by its name.
    pub(crate) fn group(&self, name: &str) -> String {
        let state = self.sim.state();
        let groups = state["groups"].as_array().unwrap();
        groups.iter().find(|group| group["displayName"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The id of a product's subscription by its part number.
    pub(crate) fn subscription(&self, part: &str) -> String {
        let state = self.sim.state();
        let skus = state["skus"].as_array().unwrap();
        skus.iter().find(|sku| sku["skuPartNumber"] == part).unwrap()["subscription"].as_str().unwrap().to_owned()
    }

    /// The id of a user by the principal name.
    pub(crate) fn user(&self, upn: &str) -> String {
        let state = self.sim.state();
        let users = state["users"].as_array().unwrap();
        users.iter().find(|user| user["userPrincipalName"] == upn).unwrap()["id"].as_str().unwrap().to_owned()
    }
}

/// A client for loopback: no proxy, no certificates, no redirects.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}
