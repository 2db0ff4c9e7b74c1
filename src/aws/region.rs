//! Regions, quotas and clusters: what an account has that no policy says.

use serde_json::{Value, json};

use super::connection::Connection;
use super::error::{CallError, unusable};
use super::signed::{Request, Signed, encoded};

/// The version of the EC2 API.
pub(super) const EC2: &str = "2016-11-15";

/// How many clusters come at once: few accounts have more.
const PAGE: usize = 20;

/// An EKS cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

impl Connection {
    /// Returns the regions that are enabled for the account, by name: those that need no opt-in,
    /// and those that were opted into (Amazon EC2 API Reference, "DescribeRegions").
    ///
    /// # Errors
    ///
    /// It may not be asked, or was not answered.
    pub fn regions(&self) -> Result<Vec<String>, CallError> {
        let answer = self.signed(Signed {
            action: "ec2:DescribeRegions",
            resource: "",
            region: "",
            request: Request::Form {
                version: EC2,
                parameters: Vec::new(),
            },
        })?;
        let xml = answer.xml()?;
        let regions = xml.all(&["regionInfo", "item"]);
        let mut names = Vec::new();
        for region in regions {
            let name = region.text(&["regionName"]);
            // "not-opted-in" is left out by AWS unless all regions are asked for.
            let is_enabled = region.text(&["optInStatus"]) != Some("not-opted-in");
            let name = name.ok_or_else(|| answer.unreadable())?;
            if is_enabled {
                names.push(name.to_owned());
            }
        }
        if names.is_empty() {
            return Err(answer.unreadable());
        }
        names.sort();
        Ok(names)
    }

    /// Returns the value of a quota: the account's own in this region, else AWS's default (Service
    /// Quotas API Reference, "GetServiceQuota").
    ///
    /// # Errors
    ///
    /// It may not be asked, or was not answered, or there is no such quota.
    pub fn quota(&self, region: &str, service: &str, code: &str) -> Result<f64, CallError> {
        let resource = format!("{service}/{code}");
        let answer = self.signed(Signed {
            action: "servicequotas:GetServiceQuota",
            resource: &resource,
            region,
            request: Request::Json {
                target: "ServiceQuotasV20190624",
                body: json!({"ServiceCode": service, "QuotaCode": code}),
            },
        })?;
        let value = answer.json()?["Quota"]["Value"].as_f64();
        value.ok_or_else(|| answer.unreadable())
    }

    /// Returns the EKS clusters of a region with their tags.
    ///
    /// # Errors
    ///
    /// They may not be listed or described, or nobody answered: then there may be more.
    pub fn clusters(&self, region: &str) -> Result<Vec<Cluster>, CallError> {
        let mut names = Vec::new();
        let mut next = String::new();
        loop {
            let page = self.cluster_names(region, &next)?;
            names.extend(page.0);
            match page.1 {
                // A page that names itself as the next would never end.
                Some(more) if more != next => next = more,
                Some(_) => {
                    let words = "the next page is this page".to_owned();
                    let action = "eks:ListClusters";
                    return Err(unusable(action, region, "UnreadableAnswer", words));
                }
                None => break,
            }
        }
        names.iter().map(|it| self.cluster(region, it)).collect()
    }

    fn cluster_names(
        &self,
        region: &str,
        next: &str,
    ) -> Result<(Vec<String>, Option<String>), CallError> {
        // Without `include`, connected clusters outside of AWS are left out, as is wanted.
        let path = match next {
            "" => format!("/clusters?maxResults={PAGE}"),
            next => format!("/clusters?maxResults={PAGE}&nextToken={}", encoded(next)),
        };
        let answer = self.signed(Signed {
            action: "eks:ListClusters",
            resource: region,
            region,
            request: get(path),
        })?;
        let json = answer.json()?;
        let names = json["clusters"]
            .as_array()
            .ok_or_else(|| answer.unreadable())?;
        let names = names.iter().map(|it| it.as_str().map(str::to_owned));
        let names = names.collect::<Option<_>>();
        let next = json["nextToken"].as_str().filter(|it| !it.is_empty());
        Ok((
            names.ok_or_else(|| answer.unreadable())?,
            next.map(str::to_owned),
        ))
    }

    fn cluster(&self, region: &str, name: &str) -> Result<Cluster, CallError> {
        let answer = self.signed(Signed {
            action: "eks:DescribeCluster",
            resource: name,
            region,
            request: get(format!("/clusters/{}", encoded(name))),
        })?;
        let json = answer.json()?;
        let cluster = &json["cluster"];
        let arn = cluster["arn"].as_str().ok_or_else(|| answer.unreadable())?;
        let tags = cluster["tags"].as_object();
        let tags = tags.into_iter().flatten();
        let tags = tags.filter_map(|(key, it)| Some((key.clone(), it.as_str()?.to_owned())));
        Ok(Cluster {
            name: name.to_owned(),
            arn: arn.to_owned(),
            tags: tags.collect(),
        })
    }
}

fn get(path: String) -> Request {
    Request::Rest {
        method: "GET",
        path,
        body: Value::Null,
    }
}
