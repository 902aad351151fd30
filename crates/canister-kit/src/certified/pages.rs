//! The pages of a canister: `/`, `/metrics`, and a certified answer for everything else.
//!
//! - What it does: builds the responses, certifies body, status and headers of each, and answers `http_request` with the
//!   proof. The query part of a URL and the method of a request make no difference; there is nothing to send to.
//! - Specification: HTTP gateway protocol specification, "Response verification", version 2; here with
//!   response-only certification.
//! - The pages live on the heap; they are built again at each update and after an upgrade.
//! - A URL that is none gets status 400 without a certificate, because no path stands for it.

use crate::certified::tree::Branches;
use crate::domain::Hash;
use ic_http_certification::utils::add_v2_certificate_header;
use ic_http_certification::{
    CERTIFICATE_EXPRESSION_HEADER_NAME, DefaultCelBuilder, DefaultResponseCertification,
    DefaultResponseOnlyCelExpression, HttpCertification, HttpCertificationPath,
    HttpCertificationTree, HttpCertificationTreeEntry, HttpRequest, HttpResponse, StatusCode,
};

/// What the pages show.
pub struct Content {
    /// The body of `/`, HTML.
    pub index: String,
    /// The body of `/metrics`, text.
    pub metrics: Vec<u8>,
}

struct Page {
    path: HttpCertificationPath<'static>,
    response: HttpResponse<'static>,
    certification: HttpCertification,
}

impl Page {
    fn new(
        path: HttpCertificationPath<'static>,
        status: StatusCode,
        content_type: &str,
        body: Vec<u8>,
    ) -> Self {
        let cel = expression();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let response = HttpResponse::builder()
            .with_status_code(status)
            .with_headers(vec![
                header("content-type", content_type),
                header("cache-control", "no-cache"),
                header("content-security-policy", "default-src 'none'"),
                header("x-content-type-options", "nosniff"),
                header(CERTIFICATE_EXPRESSION_HEADER_NAME, &cel.to_string()),
            ])
            .with_body(body)
            .build();
        let certification = match HttpCertification::response_only(&cel, &response, None) {
            Ok(certification) => certification,
            // It asks only for the header with the expression, which stands above.
            Err(error) => panic!("a page cannot be certified: {error}"),
        };
        Self {
            path,
            response,
            certification,
        }
    }

    fn entry(&self) -> HttpCertificationTreeEntry<'_> {
        HttpCertificationTreeEntry::new(&self.path, self.certification)
    }
}

fn expression() -> DefaultResponseOnlyCelExpression<'static> {
    DefaultCelBuilder::response_only_certification()
        .with_response_certification(DefaultResponseCertification::response_header_exclusions(
            vec![],
        ))
        .build()
}

/// The pages as they were last certified.
pub struct Pages {
    index: Page,
    metrics: Page,
    missing: Page,
    tree: HttpCertificationTree,
}

impl Pages {
    /// Builds and certifies the pages.
    pub fn build(content: Content) -> Self {
        let exact = HttpCertificationPath::exact;
        let index = Page::new(
            exact("/"),
            StatusCode::OK,
            "text/html; charset=utf-8",
            content.index.into_bytes(),
        );
        let metrics = Page::new(
            exact("/metrics"),
            StatusCode::OK,
            "text/plain; version=0.0.4; charset=utf-8",
            content.metrics,
        );
        let missing = Page::new(
            HttpCertificationPath::wildcard(""),
            StatusCode::NOT_FOUND,
            "text/plain; charset=utf-8",
            b"There is no such page.\n".to_vec(),
        );
        let mut tree = HttpCertificationTree::default();
        for page in [&index, &metrics, &missing] {
            tree.insert(&page.entry());
        }
        Self {
            index,
            metrics,
            missing,
            tree,
        }
    }

    /// Root of the tree of pages, the label "http_expr" included.
    pub fn root(&self) -> Hash {
        self.tree.root_hash()
    }

    /// Answers a request. Without a certificate, as in an update, the answer has no proof.
    pub fn answer(
        &self,
        request: &HttpRequest<'_>,
        branches: &Branches,
        certificate: Option<&[u8]>,
    ) -> HttpResponse<'static> {
        let Ok(path) = request.get_path() else {
            return plain(StatusCode::BAD_REQUEST, "The URL cannot be read.\n");
        };
        let page = match path.as_str() {
            "/" => &self.index,
            "/metrics" => &self.metrics,
            _ => &self.missing,
        };
        let Ok(witness) = self.tree.witness(&page.entry(), &path) else {
            return plain(StatusCode::BAD_REQUEST, "No page stands for this URL.\n");
        };
        let mut response = page.response.clone();
        if let Some(certificate) = certificate {
            let witness = branches.page_witness(witness);
            let path = page.path.to_expr_path();
            add_v2_certificate_header(certificate, &mut response, &witness, &path);
        }
        response
    }
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse<'static> {
    HttpResponse::builder()
        .with_status_code(status)
        .with_body(text.as_bytes())
        .build()
}
