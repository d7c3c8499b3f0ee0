"""What happens in each product; one function a product, each with random numbers of its own."""

from collections.abc import Callable

from orchestration.sample.draw import Draw
from orchestration.sample.products.compliance import hr_compliance, privacy_desk, vulnerability_desk
from orchestration.sample.products.knowledge import data_platform, insight_desk, newsroom_cms
from orchestration.sample.products.operations import cluster_service, platform_reliability
from orchestration.sample.products.release_platform import release_platform
from orchestration.sample.products.service_desk import service_desk
from orchestration.sample.products.shops import checkout, tills

PRODUCTS: dict[str, Callable[[Draw], None]] = {
    "insight_desk": insight_desk,
    "newsroom_cms": newsroom_cms,
    "release_platform": release_platform,
    "platform_reliability": platform_reliability,
    "data_platform": data_platform,
    "service_desk": service_desk,
    "privacy_desk": privacy_desk,
    "vulnerability_desk": vulnerability_desk,
    "tills": tills,
    "hr_compliance": hr_compliance,
    "cluster_service": cluster_service,
    "checkout": checkout,
}
